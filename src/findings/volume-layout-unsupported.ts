/** Volumes of a layout that a cluster file cannot say, or that gluster itself has given up. */
import { layoutWords, unsayable } from '../model/layout.ts';
import { copiesOf } from '../view/copies.ts';
import { defineFinding, witness } from './finding.ts';

export const volumeLayoutUnsupported = defineFinding({
  code: 'volume-layout-unsupported',
  explain: {
    title: 'A volume that is left as it is',
    meaning:
      'The volume is striped or tiered, which gluster shows as "NOT SUPPORTED from v6.0", or it has a ' +
      'thin arbiter. It is not damaged: glusterd starts with it. But a cluster file cannot say it, ' +
      'so nothing is changed about it, and nothing converts it.',
    cause: 'It was made by an older release, or by hand.',
    looksAt: 'type and thin_arbiter_count in vols/V/info.',
    repair: 'None. Bricks of it that are down are started like those of any other volume.',
    risk: 'Clients of today do not mount a striped or tiered volume.',
    byHand: [
      'Of a striped or tiered volume: make a new volume, and copy the files by a client of the old release.',
      'Of one with a thin arbiter: leave it out of the cluster file.',
    ],
  },
  detect: (view) =>
    [...view.volumes.values()].flatMap((volume) => {
      const why = unsayable(volume.best.layout);
      if (why === undefined) return [];
      const nodes = copiesOf(view, volume).map(([{ node }]) => node);
      return [
        {
          severity: 'info' as const,
          subject: `volume/${volume.name}`,
          nodes,
          message: `volume ${volume.name} is left as it is: ${why}`,
          evidence: nodes.map((n) => witness(n, `vols/${volume.name}/info`, layoutWords(volume.best.layout))),
          remedy: 'leave it out of the file',
        },
      ];
    }),
});

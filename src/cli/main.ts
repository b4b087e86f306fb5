/** The entry. Answers `--version` without loading anything; everything else is loaded when it is needed. */
import manifest from '../../package.json' with { type: 'json' };

if (process.argv.length === 3 && ['--version', '-V'].includes(process.argv[2] ?? '')) {
  process.stdout.write(`glusterctl ${manifest.version}\n`);
} else {
  const { main } = await import('./program.ts');
  await main(process.argv, manifest.version);
}

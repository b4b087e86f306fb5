/** Which files in `group_vars/` and `host_vars/` belong to a name, as Ansible finds them. */

const EXTENSIONS = ['', '.yml', '.yaml', '.json'];

/**
 * The first of `NAME`, `NAME.yml`, `NAME.yaml`, `NAME.json` that is there; of a folder, all files below it in
 * order, without hidden ones, backups and other extensions.
 */
export function variableFilesOf(name: string, paths: readonly string[]): readonly string[] {
  for (const extension of EXTENSIONS) {
    const path = `${name}${extension}`;
    if (paths.includes(path)) return [path];
    const below = paths.filter((p) => p.startsWith(`${path}/`));
    if (below.length > 0) return below.filter((p) => isRead(p.slice(path.length + 1))).sort(byParts);
  }
  return [];
}

function isRead(path: string): boolean {
  const parts = path.split('/');
  const isShown = parts.every((part) => !part.startsWith('.') && !part.endsWith('~'));
  const areFolders = parts.slice(0, -1).every((part) => !part.includes('.'));
  return isShown && areFolders && EXTENSIONS.includes(/\.[^.]*$/.exec(parts.at(-1) ?? '')?.[0] ?? '');
}

/** A folder is entered where it stands among its neighbours. */
function byParts(a: string, b: string): number {
  const [as, bs] = [a.split('/'), b.split('/')];
  const at = as.findIndex((part, i) => part !== bs[i]);
  return (as[at] ?? '') < (bs[at] ?? '') ? -1 : 1;
}

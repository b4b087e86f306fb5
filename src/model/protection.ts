/** Where a volume's nodes remember `protect: true`. */

/** An option that glusterd stores and spreads like any other, and that no part of gluster reads. */
export const PROTECTION = 'user.glusterctl.protect';

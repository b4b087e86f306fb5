/**
 * Makes the byte stream that SSH runs over. Today a TCP socket; a jump host would be another way to make one,
 * and nothing above this file would notice.
 */
import { connect, type Socket } from 'node:net';

/**
 * With several addresses for one name, how long each may take before the next is tried as well. Node's 250 ms
 * is too short for a far host.
 */
const NEXT_ADDRESS_AFTER_MS = 2_000;

export const openSocket = (address: string, port: number): Socket =>
  connect({
    host: address,
    port,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_AFTER_MS,
  });

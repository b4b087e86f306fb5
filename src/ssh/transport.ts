/**
 * Makes the byte stream that SSH runs over: a TCP socket. A jump host would be another one, with no change
 * above this file.
 */
import { connect, type Socket } from 'node:net';

/**
 * How long each address of a name may take before the next is tried as well. Node's 250 ms is too short for a
 * far host.
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

/**
 * An agent that offers only one of its keys, because servers close the connection after a few wrong ones.
 * Signs nothing itself.
 */
import {
  BaseAgent,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';

type PublicKey = string | Buffer | ParsedKey;

export class OneKeyAgent extends BaseAgent {
  readonly #agent: BaseAgent;
  readonly #blob: Buffer;

  constructor(agent: BaseAgent, blob: Buffer) {
    super();
    this.#agent = agent;
    this.#blob = blob;
  }

  override getIdentities(cb: IdentityCallback): void {
    this.#agent.getIdentities((error, keys) => {
      cb(
        error,
        keys?.filter((key) => this.#isMine(key)),
      );
    });
  }

  override sign(
    key: PublicKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    cb?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, cb);
  }

  #isMine(key: unknown): boolean {
    return publicOf(key)?.equals(this.#blob) === true;
  }
}

/** The key as an agent names it: bytes, or a parsed key. */
export const publicOf = (key: unknown): Buffer | undefined =>
  Buffer.isBuffer(key) ? key : hasPublicSsh(key) ? key.getPublicSSH() : undefined;

const hasPublicSsh = (key: unknown): key is Pick<ParsedKey, 'getPublicSSH'> =>
  typeof key === 'object' && key !== null && 'getPublicSSH' in key;

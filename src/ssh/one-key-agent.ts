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
    if (Buffer.isBuffer(key)) return key.equals(this.#blob);
    return hasPublicSsh(key) && key.getPublicSSH().equals(this.#blob);
  }
}

const hasPublicSsh = (key: unknown): key is Pick<ParsedKey, 'getPublicSSH'> =>
  typeof key === 'object' && key !== null && 'getPublicSSH' in key;

/**
 * Questions to the person: the one before a change, and one whose answer is not shown. Only the whole word is
 * a yes; an input that ends, and an interrupted question, are a no.
 */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { conversation, interrupt } from './process.ts';

export async function confirmed(question: string, signal: AbortSignal): Promise<boolean> {
  const prompt = createInterface(conversation());
  // A terminal that is gone cannot be read; its end closes the question.
  prompt.on('error', () => undefined);
  prompt.once('SIGINT', interrupt);
  const closed = new Promise<string>((resolve) => {
    prompt.once('close', () => {
      resolve('');
    });
  });
  try {
    const asked = prompt.question(`\n${question} Type "yes" to continue: `, { signal });
    const answer = await Promise.race([asked, closed]);
    return answer.trim() === 'yes';
  } catch {
    return false;
  } finally {
    prompt.close();
  }
}

/** A line that the terminal does not show. Undefined: interrupted, or the terminal is gone. */
export async function hiddenAnswer(question: string, signal: AbortSignal): Promise<string | undefined> {
  const { input, output } = conversation();
  const nothing = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const prompt = createInterface({ input, output: nothing, terminal: true, historySize: 0 });
  prompt.on('error', () => undefined);
  prompt.once('SIGINT', interrupt);
  const closed = new Promise<undefined>((resolve) => {
    prompt.once('close', () => {
      resolve(undefined);
    });
  });
  output.write(question);
  try {
    return await Promise.race([prompt.question('', { signal }), closed]);
  } catch {
    return undefined;
  } finally {
    prompt.close();
    output.write('\n');
  }
}

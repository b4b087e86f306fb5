/**
 * The question before a change. Only the whole word answers it; an input that ends, and an interrupted
 * question, are a no.
 */
import { createInterface } from 'node:readline/promises';
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

/** The question before a change. Only the whole word answers it; an interrupted question is a no. */
import { createInterface } from 'node:readline/promises';
import { conversation } from './process.ts';

export async function confirmed(question: string, signal: AbortSignal): Promise<boolean> {
  const prompt = createInterface(conversation());
  try {
    const answer = await prompt.question(`\n${question} Type "yes" to continue: `, { signal });
    return answer.trim() === 'yes';
  } catch {
    return false;
  } finally {
    prompt.close();
  }
}

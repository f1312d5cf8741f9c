/**
 * Numbers the answers of one cycle by when they were asked for. All sources of a cycle share one: the number is half of
 * an answer's rank, which must belong to one answer only.
 */
export interface AnswerCounter {
  next(): number;
}

export function createAnswerCounter(): AnswerCounter {
  let answers = 0;
  return {
    next: () => {
      answers += 1;
      return answers;
    },
  };
}

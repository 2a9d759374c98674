// What the programs that watch are told, and tell: a line of JSON each.
import { createInterface } from 'node:readline';

export const print = (line) => console.log(JSON.stringify(line));

// Reads {"token"} for the next connection; whatever else a line says goes to `also`. Answers what
// waits for the first token and gives the newest.
export function tokens(also) {
  let token;
  let tokenKnown;
  const known = new Promise((resolve) => {
    tokenKnown = resolve;
  });
  createInterface({ input: process.stdin }).on('line', (line) => {
    const told = JSON.parse(line);
    if (told.token) {
      token = told.token;
      tokenKnown();
    }
    also(told);
  });
  return async () => {
    await known;
    return token;
  };
}

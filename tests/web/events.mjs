// Watches membership changes with graphql-sse: node events.mjs URL SEGMENT COUNT.
// Reads lines of JSON: {"token"} for the next connection, {"cut": true} to break the connection.
// Prints a line for each change, for each connection, and why it ends.
import { createClient } from 'graphql-sse';
import { print, tokens } from './told.mjs';

const [url, segment, count] = process.argv.slice(2);
let last;
let breaker;
const token = tokens((told) => told.cut && breaker.abort());

const client = createClient({
  url,
  singleConnection: false,
  retryAttempts: 600,
  retry: () => new Promise((resolve) => setTimeout(resolve, 200)),
  headers: async () => {
    const headers = { authorization: `Bearer ${await token()}` };
    return last ? { ...headers, 'last-event-id': last } : headers;
  },
  fetchFn: async (target, init) => {
    breaker = new AbortController();
    const signal = AbortSignal.any([init.signal, breaker.signal]);
    const answer = await fetch(target, { ...init, signal });
    print({ connected: answer.status });
    return answer;
  },
});

const variables = { segments: [segment] };
const query = `subscription($segments: [ID!]) {
  membershipChanges(segmentIds: $segments) { resumeToken change { customerId } } }`;
let left = Number(count);
const dispose = client.subscribe(
  { query, variables },
  {
    next: ({ data, errors }) => {
      if (errors) return print({ errors });
      last = data.membershipChanges.resumeToken;
      print({ change: data.membershipChanges.change.customerId });
      left -= 1;
      if (left === 0) dispose();
    },
    error: (error) => print({ error: String(error) }) ?? process.exit(0),
    complete: () => print({ complete: true }) ?? process.exit(0),
  },
);

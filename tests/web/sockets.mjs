// Watches membership changes with graphql-ws: node sockets.mjs URL SEGMENT COUNT.
// Reads lines of JSON: {"token"} for the next connection, {"cut": true} to break the connection.
// Prints a line for each change, for each connection, and why it ends.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { print, tokens } from './told.mjs';

const [url, segment, count] = process.argv.slice(2);
let socket;
const token = tokens((told) => {
  if (told.cut) socket.terminate();
  if (told.renew) {
    const payload = { authorization: `Bearer ${told.renew}` };
    socket.send(JSON.stringify({ type: 'ping', payload }));
  }
});

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  retryAttempts: 600,
  // Also while nothing listens: by default only what was closed is opened again.
  shouldRetry: () => true,
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 200)),
  connectionParams: async () => ({ authorization: `Bearer ${await token()}` }),
  on: {
    opened: (opened) => {
      socket = opened;
    },
    connected: () => print({ connected: true }),
    closed: (event) => print({ closed: event.code, reason: event.reason }),
    pong: (received, payload) => received && payload && print({ pong: payload }),
  },
});

// The client sends this again whenever it connects again: with where it was by then.
const variables = { segments: [segment], from: null };
const query = `subscription($segments: [ID!], $from: String) {
  membershipChanges(segmentIds: $segments, resumeToken: $from) {
    resumeToken change { customerId } } }`;
let left = Number(count);
const dispose = client.subscribe(
  { query, variables },
  {
    next: ({ data, errors }) => {
      if (errors) return print({ errors });
      variables.from = data.membershipChanges.resumeToken;
      print({ change: data.membershipChanges.change.customerId });
      left -= 1;
      if (left === 0) dispose();
    },
    error: (error) => print({ error: error.reason ?? error }) ?? process.exit(0),
    complete: async () => {
      print({ complete: true });
      await client.dispose();
      process.exit(0);
    },
  },
);

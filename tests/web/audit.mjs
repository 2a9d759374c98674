// Runs graphql-http's audits of a GraphQL server over HTTP: node audit.mjs URL TOKEN.
// Prints one JSON array: id, name, status (ok, notice, warn or error), reason.
import { serverAudits } from 'graphql-http';

const [url, token] = process.argv.slice(2);

function fetchAsCaller(target, init = {}) {
  const headers = { ...init.headers, authorization: `Bearer ${token}` };
  return fetch(target, { ...init, headers });
}

const results = [];
for (const audit of serverAudits({ url, fetchFn: fetchAsCaller })) {
  const { id, name, status, reason } = await audit.fn();
  results.push({ id, name, status, reason });
}
console.log(JSON.stringify(results));

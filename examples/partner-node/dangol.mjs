// Calls to Dangol over gRPC: a deadline for each, and repetitions that keep their request id.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import protobuf from 'protobufjs';

// The contracts of the last release as one file; copy it beside your program.
const CONTRACTS = new URL('../../proto/released.binpb.gz', import.meta.url);
const { dangol } = grpc.loadPackageDefinition(
  protoLoader.loadFileDescriptorSetFromBuffer(gunzipSync(readFileSync(CONTRACTS)), {
    longs: Number,
    enums: String,
    defaults: true,
  }),
);
const OPTIONS = {
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // Calls are repeated below, where RetryInfo is known.
  'grpc.enable_retries': 0,
};

// google.rpc: how a service says more than a status.
const { root: details } = protobuf.parse(`
  syntax = "proto3";
  package google.rpc;
  message Detail { string type_url = 1; bytes value = 2; }
  message Status { int32 code = 1; string message = 2; repeated Detail details = 3; }
  message ErrorInfo { string reason = 1; string domain = 2; }
  message FieldViolation { string field = 1; string description = 2; }
  message BadRequest { repeated FieldViolation field_violations = 1; }
  message Duration { int64 seconds = 1; int32 nanos = 2; }
  message RetryInfo { Duration retry_delay = 1; }
`);

// A call that could not be answered: docs/errors.md lists the codes.
export class DangolError extends Error {
  constructor(error) {
    super(error.details);
    this.status = error.code;
    this.code = grpc.status[error.code];
    this.fix = error.details;
    const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
    for (const detail of bytes ? decode('Status', bytes).details : []) {
      const name = detail.typeUrl.split('.').at(-1);
      if (name === 'ErrorInfo') this.code = decode(name, detail.value).reason;
      if (name === 'RetryInfo') {
        const delay = decode(name, detail.value).retryDelay;
        this.retryAfterMs = Number(delay.seconds) * 1000 + delay.nanos / 1e6;
      }
      if (name === 'BadRequest') {
        const [first] = decode(name, detail.value).fieldViolations;
        [this.field, this.fix] = [first.field, first.description];
      }
    }
  }

  // Nobody knows what became of the call, or it may go better in a moment.
  get passes() {
    const { UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED } = grpc.status;
    const unknown = [UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED].includes(this.status);
    return unknown || this.code === 'TOO_MANY_REQUESTS';
  }
}

function decode(name, bytes) {
  return details.lookupType(`google.rpc.${name}`).decode(bytes);
}

export class Dangol {
  // targets: host:port of profile, segmentation and offers. token: answers a partner's token.
  // credentials: by default the server's certificate is checked.
  constructor({
    targets,
    token,
    credentials = grpc.credentials.createSsl(),
    deadlineSeconds = 15,
    attemptSeconds = 5,
  }) {
    Object.assign(this, { targets, token, credentials, deadlineSeconds, attemptSeconds });
    this.stubs = new Map();
  }

  // Reads, and writes that carry a request id or ids of their parts, as all of a partner's do.
  async call(area, service, method, request) {
    const stub = this.#stub(area, service);
    const { requestType } = dangol[area].v1[service].service[method];
    const hasId = requestType.type.field.some((field) => field.name === 'request_id');
    const sent = hasId ? { request_id: randomUUID(), ...request } : request;
    const endsAt = Date.now() + this.deadlineSeconds * 1000;
    for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, 5_000)) {
      try {
        return await this.#attempt(stub, method, sent, endsAt);
      } catch (error) {
        const failed = new DangolError(error);
        failed.requestId = sent.request_id;
        const waitMs = Math.max(pauseMs * (0.5 + Math.random() / 2), failed.retryAfterMs ?? 0);
        if (!failed.passes || Date.now() + waitMs > endsAt) throw failed;
        await sleep(waitMs);
      }
    }
  }

  close() {
    for (const stub of this.stubs.values()) stub.close();
  }

  async #attempt(stub, method, request, endsAt) {
    const metadata = new grpc.Metadata();
    metadata.set('authorization', `Bearer ${await this.token()}`);
    const deadline = Math.min(endsAt, Date.now() + this.attemptSeconds * 1000);
    return new Promise((resolve, reject) => {
      const answered = (error, answer) => (error ? reject(error) : resolve(answer));
      stub[method](request, metadata, { deadline }, answered);
    });
  }

  #stub(area, service) {
    if (!this.stubs.has(service)) {
      const Stub = dangol[area].v1[service];
      this.stubs.set(service, new Stub(this.targets[area], this.credentials, OPTIONS));
    }
    return this.stubs.get(service);
  }
}

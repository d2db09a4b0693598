import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SmtpRoute, smtpRouteOf } from './smtp-route.ts';

const table: readonly [url: string, route: SmtpRoute][] = [
  ['smtp://127.0.0.1:2525', { host: '127.0.0.1', port: 2525, tls: 'none', credentials: null }],
  ['smtp://127.8.9.10', { host: '127.8.9.10', port: 587, tls: 'none', credentials: null }],
  ['smtp://localhost:25', { host: 'localhost', port: 25, tls: 'none', credentials: null }],
  ['smtp://[::1]:25', { host: '::1', port: 25, tls: 'none', credentials: null }],
  ['smtp://mail.example', { host: 'mail.example', port: 587, tls: 'required', credentials: null }],
  ['smtp://10.0.0.5:25', { host: '10.0.0.5', port: 25, tls: 'required', credentials: null }],
  ['smtp://localhost.example', { host: 'localhost.example', port: 587, tls: 'required', credentials: null }],
  ['smtp://127.0.0.1.example', { host: '127.0.0.1.example', port: 587, tls: 'required', credentials: null }],
  ['smtps://mail.example', { host: 'mail.example', port: 465, tls: 'implicit', credentials: null }],
  [
    'smtps://kept%40mail.example:p%3Ass@mail.example:2465',
    { host: 'mail.example', port: 2465, tls: 'implicit', credentials: { user: 'kept@mail.example', password: 'p:ss' } },
  ],
];

for (const [url, route] of table)
  test(`${url} is spoken to with TLS: ${route.tls}`, () => assert.deepEqual(smtpRouteOf(url), route));

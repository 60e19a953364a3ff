// mercurius on fastify, with graphql-jit. Usage: node mercurius.mjs PORT DATABASE, with the settings that contract.mjs lists.

import fastify from 'fastify';
import mercurius from 'mercurius';
import { contextOf, port, schemaWith, viewerOf } from './contract.mjs';

const app = fastify();
await app.register(mercurius, {
  schema: schemaWith(),
  jit: 1,
  context: (request) => contextOf(viewerOf(request.headers.authorization)),
});
await app.listen({ port, host: '127.0.0.1' });

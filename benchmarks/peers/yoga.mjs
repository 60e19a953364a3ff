// GraphQL Yoga with graphql-jit. Usage: node yoga.mjs PORT DATABASE, with the settings that contract.mjs lists.

import { createServer } from 'node:http';
import { useGraphQlJit } from '@envelop/graphql-jit';
import { createYoga } from 'graphql-yoga';
import { contextOf, port, schemaWith, viewerOf } from './contract.mjs';

const yoga = createYoga({
  schema: schemaWith(),
  plugins: [useGraphQlJit()],
  logging: false,
  context: ({ request }) => contextOf(viewerOf(request.headers.get('authorization'))),
});
createServer(yoga).listen(port, '127.0.0.1');

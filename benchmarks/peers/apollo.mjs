// Apollo Server 5 on express 5. Usage: node apollo.mjs PORT DATABASE, with the settings that contract.mjs lists.

import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { contextOf, port, schemaWith, viewerOf } from './contract.mjs';

const server = new ApolloServer({ schema: schemaWith() });
await server.start();

const context = async ({ req }) => contextOf(viewerOf(req.headers.authorization));
const app = express();
app.use('/graphql', express.json(), expressMiddleware(server, { context }));
app.listen(port, '127.0.0.1');

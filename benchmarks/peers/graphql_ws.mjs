// graphql-ws on ws, with Yoga's pub/sub. It learns of changes as Darkroom does, from one change stream for everybody;
// each changed image is read once and published to its owner.
// Usage: node graphql_ws.mjs PORT DATABASE, with the settings that contract.mjs lists.

import { createServer } from 'node:http';
import { useServer } from 'graphql-ws/use/ws';
import { createPubSub } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { contextOf, db, imageOf, port, schemaWith, viewerOf } from './contract.mjs';

const WATCHED = { operationType: 'insert', 'ns.coll': { $in: ['events', 'changes'] } };
const pubSub = createPubSub();

async function follow(stream) {
  for await (const { _id: token, ns, fullDocument: told } of stream) {
    if (ns.coll !== 'changes') continue;
    const image = await imageOf(told.owner_id, told.image_id);
    const cursor = Buffer.from(token._data, 'hex').toString('base64url');
    pubSub.publish('gallery', String(told.owner_id), { cursor, kind: told.kind, image });
  }
}

const galleryChanges = {
  subscribe: (_, __, { viewer }) => pubSub.subscribe('gallery', viewer.id),
  resolve: (change) => change,
};

const server = createServer();
useServer(
  {
    schema: schemaWith({ Subscription: { galleryChanges } }),
    onConnect({ connectionParams, extra }) {
      extra.viewer = viewerOf(connectionParams?.Authorization);
      return extra.viewer !== null;
    },
    context: ({ extra }) => contextOf(extra.viewer),
  },
  new WebSocketServer({ server, path: '/graphql' }),
);
follow(db.watch([{ $match: WATCHED }]));
server.listen(port, '127.0.0.1');

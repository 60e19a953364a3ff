// The published schema over the documents that Darkroom keeps: what the benchmarks ask for, and no more of it.
// Settings: MONGODB_URI, JWT_SECRET, PUBLIC_URL, URL_TTL_SECONDS; the arguments are PORT and DATABASE.

import { createHmac, createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import DataLoader from 'dataloader';
import { GraphQLError, GraphQLScalarType } from 'graphql';
import jwt from 'jsonwebtoken';
import { BSON, MongoClient, ObjectId } from 'mongodb';

const { MONGODB_URI, JWT_SECRET, PUBLIC_URL, URL_TTL_SECONDS } = process.env;
const TOKENS_REMEMBERED = 4096;
const FIRST = 20;
const SHOWN = Object.fromEntries(
  [
    'owner_id', 'caption', 'state', 'media_type', 'size_bytes', 'width_px', 'height_px', 'checksum_sha256', 'created_at',
    'variants.name', 'variants.width_px', 'variants.height_px',
  ].map((field) => [field, 1]),
);

export const port = Number(process.argv[2]);
const client = await new MongoClient(MONGODB_URI).connect();
export const db = client.db(process.argv[3]);
const images = db.collection('images');
const users = db.collection('users');

// ---------------------------------------------------------------- who is asking

const tokenKey = createSecretKey(Buffer.from(JWT_SECRET));
const CHECKS = { algorithms: ['HS256'], issuer: 'darkroom', audience: 'darkroom:access', clockTolerance: 5 };
const viewers = new Map();

/** The viewer of an `Authorization` header. A signature is checked once, the end each time. */
export function viewerOf(authorization) {
  if (!authorization) return null;
  const viewer = viewers.get(authorization) ?? verified(authorization);
  if (viewer.exp * 1000 <= Date.now()) throw refusal();
  return viewer;
}

function verified(authorization) {
  if (viewers.size >= TOKENS_REMEMBERED) viewers.delete(viewers.keys().next().value);
  try {
    const { sub, exp } = jwt.verify(authorization.replace(/^Bearer /, ''), tokenKey, CHECKS);
    const viewer = { id: sub, objectId: new ObjectId(sub), exp };
    viewers.set(authorization, viewer);
    return viewer;
  } catch {
    throw refusal();
  }
}

function refusal() {
  return new GraphQLError('Sign in.', { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });
}

/** What resolvers are given. */
export function contextOf(viewer) {
  return { viewer, users: new DataLoader(usersByIds, { cacheKeyFn: String }) };
}

async function usersByIds(ids) {
  const found = await users.find({ _id: { $in: ids } }, { projection: { email: 1 } }).toArray();
  const byId = new Map(found.map((user) => [String(user._id), user]));
  return ids.map((id) => byId.get(String(id)));
}

// ---------------------------------------------------------------- names and addresses

const addressKey = createSecretKey(createHmac('sha256', JWT_SECRET).update('darkroom addresses').digest());
const lifetime = Number(URL_TTL_SECONDS);
const window = Math.max(Math.floor(lifetime / 2), 1);
const SIGNATURE_CHARACTERS = 32;

function address(path) {
  const expires = Math.ceil(Math.floor(Date.now() / 1000 + lifetime) / window) * window;
  const signature = createHmac('sha256', addressKey).update(`${path}\n${expires}`).digest('base64url');
  return `${PUBLIC_URL}${path}?expires=${expires}&signature=${signature.slice(0, SIGNATURE_CHARACTERS)}`;
}

const path = (image, name) => `/images/${image._id}/${image.checksum_sha256.slice(0, 16)}/${name}`;
const globalId = (kind, id) => Buffer.from(`${kind}:${id}`).toString('base64url');

const place = Buffer.from(BSON.serialize({ _id: new ObjectId('0'.repeat(24)), created_at: new Date(0), direction: -1 }));
const ID_AT = 9;
const TIME_AT = 33;
const padding = '='.repeat((3 - (place.length % 3)) % 3);

function cursor(image) {
  place.writeBigInt64LE(BigInt(image.created_at.getTime()), TIME_AT);
  place.set(image._id.id, ID_AT);
  return place.toString('base64url') + padding;
}

// ---------------------------------------------------------------- the schema

const variantOf = (image) => (variant) => ({ ...variant, url: address(path(image, variant.name)) });

const resolvers = {
  DateTime: new GraphQLScalarType({ name: 'DateTime', serialize: (time) => time.toISOString() }),
  Query: {
    async gallery(_, { first }, { viewer }) {
      if (!viewer) throw refusal();
      const size = first ?? FIRST;
      const mine = { owner_id: viewer.objectId, shelf: 'GALLERY' };
      const newest = { projection: SHOWN, sort: { created_at: -1, _id: -1 }, limit: size + 1 };
      const read = await images.find(mine, newest).toArray();
      const edges = read.slice(0, size).map((node) => ({ cursor: cursor(node), node }));
      return { edges, pageInfo: { hasNextPage: read.length > size, endCursor: edges.at(-1)?.cursor ?? null } };
    },
    image(_, { id }, { viewer }) {
      if (!viewer) throw refusal();
      const [kind, objectId] = Buffer.from(id, 'base64url').toString().split(':');
      return kind === 'Image' ? imageOf(viewer.objectId, new ObjectId(objectId)) : null;
    },
  },
  Image: {
    id: (image) => globalId('Image', image._id),
    url: (image) => address(path(image, 'original')),
    widthPx: (image) => image.width_px,
    heightPx: (image) => image.height_px,
    mediaType: (image) => image.media_type,
    sizeBytes: (image) => image.size_bytes,
    createdAt: (image) => image.created_at,
    owner: (image, _, context) => context.users.load(image.owner_id),
    variants: (image) => image.variants.map(variantOf(image)),
  },
  User: { id: (user) => globalId('User', user._id) },
  Variant: { widthPx: (variant) => variant.width_px, heightPx: (variant) => variant.height_px },
};

/** An owner's image. */
export function imageOf(ownerId, id) {
  return images.findOne({ _id: id, owner_id: ownerId }, { projection: SHOWN });
}

/** The schema as it is published; `more` are resolvers beside those of queries. */
export function schemaWith(more = {}) {
  const typeDefs = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
  return makeExecutableSchema({ typeDefs, resolvers: { ...resolvers, ...more } });
}

// A catalogue's images made smaller as a short Express server does it: all at once, the compressed form kept.
// It checks nothing and keeps no original; what fails is counted.
// Usage: MONGODB_URI=… [FOLDER=…] node batch.cjs PORT DATABASE; POST /batches takes one URL a line.

const fs = require('node:fs/promises');
const path = require('node:path');
const axios = require('axios');
const express = require('express4');
const sharp = require('sharp');
const { GridFSBucket, MongoClient, ObjectId } = require('mongodb');

const [port, database] = process.argv.slice(2);
const { FOLDER } = process.env;

async function main() {
  const client = await new MongoClient(process.env.MONGODB_URI).connect();
  const db = client.db(database);
  const bucket = new GridFSBucket(db);
  const images = db.collection('images');
  const app = express();

  const keep = FOLDER
    ? (id, content) => fs.writeFile(path.join(FOLDER, `${id}.jpg`), content)
    : (id, content) =>
        new Promise((resolve, reject) => {
          bucket.openUploadStreamWithId(id, `${id}.jpg`).on('error', reject).on('finish', resolve).end(content);
        });

  async function compress(url, batchId) {
    const { data } = await axios.get(url, { responseType: 'arraybuffer' });
    const content = await sharp(data).rotate().jpeg({ quality: 50 }).toBuffer();
    const _id = new ObjectId();
    await keep(_id, content);
    await images.insertOne({ _id, batchId, url, bytesIn: data.length, bytesOut: content.length, createdAt: new Date() });
  }

  app.post('/batches', express.text({ limit: '64mb' }), async (request, response) => {
    const batchId = new ObjectId();
    const urls = request.body.trim().split('\n');
    const outcomes = await Promise.allSettled(urls.map((url) => compress(url, batchId)));
    const failed = outcomes.filter(({ status }) => status === 'rejected');
    response.json({ succeeded: urls.length - failed.length, failed: failed.length, reason: String(failed[0]?.reason) });
  });

  app.listen(Number(port), '127.0.0.1');
}

main();

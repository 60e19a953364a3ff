// Images on S3 as a short Express server keeps them: multer holds the file in memory, the AWS SDK puts it.
// It checks nothing: no user, no size, no format, no checksum of its own.
// Usage: MONGODB_URI=… S3_ENDPOINT=… node express_s3.cjs PORT DATABASE

const { randomUUID } = require('node:crypto');
const { PutObjectCommand, S3Client } = require('@aws-sdk/client-s3');
const express = require('express4');
const { MongoClient } = require('mongodb');
const multer = require('multer');

const [port, database] = process.argv.slice(2);

async function main() {
  const client = await new MongoClient(process.env.MONGODB_URI).connect();
  const images = client.db(database).collection('images');
  const s3 = new S3Client({
    region: 'us-east-1',
    endpoint: process.env.S3_ENDPOINT,
    forcePathStyle: true,
    credentials: { accessKeyId: 'benchmark', secretAccessKey: 'benchmark' },
  });
  const app = express();

  app.post('/upload', multer({ storage: multer.memoryStorage() }).single('file'), async (request, response, next) => {
    const { originalname: filename, mimetype: mediaType, size: sizeBytes, buffer } = request.file;
    const key = `originals/${randomUUID()}`;
    try {
      await s3.send(new PutObjectCommand({ Bucket: database, Key: key, Body: buffer, ContentType: mediaType }));
      const image = { key, filename, mediaType, sizeBytes, createdAt: new Date() };
      const { insertedId } = await images.insertOne(image);
      response.status(201).json({ id: insertedId, ...image });
    } catch (error) {
      next(error);
    }
  });

  app.listen(Number(port), '127.0.0.1');
}

main();

// Images on GridFS as a short Express server keeps them: multer holds the file in memory, the bucket stores it.
// It checks nothing: no user, no size, no format, no checksum.
// Usage: MONGODB_URI=… node express_gridfs.cjs PORT DATABASE

const express = require('express4');
const multer = require('multer');
const { GridFSBucket, MongoClient, ObjectId } = require('mongodb');

const [port, database] = process.argv.slice(2);

async function main() {
  const client = await new MongoClient(process.env.MONGODB_URI).connect();
  const db = client.db(database);
  const bucket = new GridFSBucket(db);
  const images = db.collection('images');
  const app = express();

  app.post('/upload', multer({ storage: multer.memoryStorage() }).single('file'), (request, response, next) => {
    const { originalname: filename, mimetype: mediaType, size: sizeBytes, buffer } = request.file;
    const stream = bucket.openUploadStream(filename, { metadata: { contentType: mediaType } });
    stream.on('error', next);
    stream.on('finish', async () => {
      try {
        const image = { fileId: stream.id, filename, mediaType, sizeBytes, createdAt: new Date() };
        const { insertedId } = await images.insertOne(image);
        const url = `http://127.0.0.1:${port}/files/${stream.id}`;
        response.status(201).json({ id: insertedId, ...image, url });
      } catch (error) {
        next(error);
      }
    });
    stream.end(buffer);
  });

  app.get('/files/:id', async (request, response, next) => {
    try {
      const id = new ObjectId(request.params.id);
      const file = await db.collection('fs.files').findOne({ _id: id });
      if (!file) return response.status(404).end();
      response.set('Content-Type', 'image/jpeg').set('Content-Length', String(file.length));
      bucket.openDownloadStream(id).on('error', next).pipe(response);
    } catch (error) {
      next(error);
    }
  });

  app.listen(Number(port), '127.0.0.1');
}

main();

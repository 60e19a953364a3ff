// Compresses files with sharp, as often as each line of its input asks; answers how long the result is.
const fs = require("node:fs");
const readline = require("node:readline");
const sharp = require("sharp");

async function run({ file, count, quality, result }) {
  const content = fs.readFileSync(file);
  let made;
  for (let number = 0; number < count; number++) made = await sharp(content).jpeg({ quality }).toBuffer();
  fs.writeFileSync(result, made);
  return { size_bytes: made.length };
}

(async () => {
  console.log(JSON.stringify({ name: `sharp ${sharp.versions.sharp}` }));
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await run(JSON.parse(line))));
  }
})();

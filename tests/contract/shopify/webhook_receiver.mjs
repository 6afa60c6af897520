// A receiver of webhooks that lets Shopify's own library say whether each of them is Shopify's.
// Prints {"port": n} when it listens, then one line per request with what the library found. Arguments: secret, host.
import '@shopify/shopify-api/adapters/node';
import { createServer } from 'node:http';
import { ApiVersion, LogSeverity, shopifyApi } from '@shopify/shopify-api';

const [secret] = process.argv.slice(2);
const shopify = shopifyApi({
  apiKey: 'sandbox-client',
  apiSecretKey: secret,
  apiVersion: Object.values(ApiVersion).at(-2),
  hostName: 'localhost',
  isEmbeddedApp: false,
  logger: { level: LogSeverity.Error },
});

const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const rawBody = Buffer.concat(parts).toString('utf8');
  const found = await shopify.webhooks.validate({ rawBody, rawRequest: request, rawResponse: response });
  console.log(JSON.stringify(found));
  response.statusCode = found.valid ? 200 : 401;
  response.end();
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { trail, upload } from './routes/upload';

type Handler = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>;

const routes: Record<string, Handler> = {
  PUT: upload,
  GET: (_req, res) => void res.end(JSON.stringify(trail.latest())),
};

createServer((req, res) => {
  const handler = routes[req.method ?? 'GET'];
  if (handler === undefined) return void res.writeHead(405).end();
  void handler(req, res);
}).listen(Number(process.env.PORT));

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Trail, type Change } from '../trail';

export const trail = new Trail<Change>(10);

async function body<T>(req: IncomingMessage): Promise<T> {
  let text = '';
  for await (const chunk of req) text += chunk;
  return JSON.parse(text) as T;
}

export async function upload(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { name, size } = await body<{ name: string; size: number }>(req);
  trail.append({ file: req.url ?? '', name, at: new Date() });
  res.end(JSON.stringify({ name, size }));
}

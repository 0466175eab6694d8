/** Between a product and its PostgreSQL: a TCP port of its own whose connections can be reset in the middle of anything. */
import net from 'node:net';
import type { TestDatabase } from './test-database.ts';

export interface BreakingProxy {
  /** For POINTSMAN_DATABASE_URL. */
  url: string;
  /** Ends every connection with a reset, to both sides. */
  reset(): number;
  close(): Promise<void>;
}

export async function startBreakingProxy({ connection }: TestDatabase): Promise<BreakingProxy> {
  const pairs = new Set<[net.Socket, net.Socket]>();
  const server = net.createServer((client) => {
    const database = net.connect(`${connection.host}/.s.PGSQL.${connection.port}`);
    const pair: [net.Socket, net.Socket] = [client, database];
    pairs.add(pair);
    for (const [one, other] of [pair, pair.toReversed() as [net.Socket, net.Socket]]) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const reset = () => {
    const broken = [...pairs];
    for (const [client, database] of broken) {
      client.resetAndDestroy();
      database.destroy();
    }
    return broken.length;
  };
  return {
    url: `postgres://${connection.user}@127.0.0.1:${port}/${connection.database}`,
    reset,
    close: () => {
      reset();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}

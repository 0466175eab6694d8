/** REST of channels. */
import { z } from 'zod';
import { Channel, ChannelParams, DeliveryReceipt, PutChannel } from '../channels.ts';
import { PageQuery } from '../identifiers.ts';
import type { Route } from './route.ts';

export const channelRoutes = {
  listChannels: {
    method: 'GET',
    path: '/api/channels',
    tag: 'channels',
    summary: 'Channels that workflows send messages to',
    permission: 'administer',
    query: PageQuery,
    status: 200,
    response: z.array(Channel),
    paged: true,
  },
  putChannel: {
    method: 'PUT',
    path: '/api/channels/{name}',
    tag: 'channels',
    summary: 'Make or replace a channel; its credentials are secrets that it names',
    permission: 'administer',
    params: ChannelParams,
    body: PutChannel,
    status: 200,
    response: Channel,
  },
  deleteChannel: {
    method: 'DELETE',
    path: '/api/channels/{name}',
    tag: 'channels',
    summary: 'Remove a channel; a step that sends to it fails from now on',
    permission: 'administer',
    params: ChannelParams,
    status: 204,
    response: null,
  },
  testChannel: {
    method: 'POST',
    path: '/api/channels/{name}/test',
    tag: 'channels',
    summary: 'Send a test message, now',
    permission: 'administer',
    params: ChannelParams,
    status: 200,
    response: DeliveryReceipt,
  },
} as const satisfies Record<string, Route>;

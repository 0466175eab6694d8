/**
 * The ids that we give to prompts. opencode sorts messages by id, so ours are made as its own are: the moment in 48 bits,
 * then text. That text comes from the task's id, so a conversation alone says which task a prompt belongs to.
 */
import { createHash } from 'node:crypto';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const TEXT_LENGTH = 14;

export function messageIdOf(taskId: string, at: number): string {
  const moment = (BigInt(at) * 0x1000n) & 0xffffffffffffn;
  return `msg_${moment.toString(16).padStart(12, '0')}${textOf(taskId)}`;
}

export function isMessageOf(taskId: string, messageId: string): boolean {
  return messageId.endsWith(textOf(taskId));
}

function textOf(taskId: string): string {
  return [...createHash('sha256').update(taskId).digest().subarray(0, TEXT_LENGTH)]
    .map((byte) => LETTERS[byte % LETTERS.length])
    .join('');
}

/** Brings an ACP agent to its conversation, in the mode that was chosen: the one that it had, or a new one. */
import type { LaunchContext } from '../../ports/agent-driver.ts';
import { type Json, object, text } from '../json-row.ts';
import { forgetConversation, storeConversation, storedConversation } from '../private-file.ts';
import type { AcpEvent, RpcError } from './acp-event.ts';
import { type ChosenMode, chooseMode } from './acp-mode.ts';

const HANDSHAKE = { initialize: 'initialize/', create: 'create/', load: 'load/', mode: 'mode/' } as const;

/** `wasReady`: a prompt was delivered before we came; nothing is delivered before the handshake. */
export async function acpConversation(options: {
  context: LaunchContext;
  /** Its tools come to it by its own configuration, not by the protocol. */
  hasToolsOfItsOwn: boolean;
  wasReady: boolean;
  /** What was answered before we came is not answered again. */
  isLive: () => boolean;
  request: (purpose: string, method: string, params: object) => Promise<void>;
  inBackground: (work: Promise<unknown>) => void;
  breakDown: (error: RpcError) => void;
  onOpened: (id: string) => Promise<void>;
  onReady: (reason?: string) => void;
}) {
  const { context, wasReady, isLive, request, inBackground, breakDown } = options;
  let id = wasReady ? await storedConversation(context.directory) : null;
  let initialized = wasReady;
  let isReady = wasReady;
  let canLoad = false;
  let isNew = false;
  let mode: ChosenMode = chooseMode(context.permissionMode, {});

  /** Continues where the file says that the handshake is; a step that was done twice does no harm. */
  async function shakeHands(): Promise<void> {
    if (!initialized) {
      await request(HANDSHAKE.initialize, 'initialize', {
        protocolVersion: 1,
        // No files, no terminals: an agent acts by itself, in its own process.
        clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
        clientInfo: { name: 'pointsman', title: 'Pointsman', version: '1' },
      });
    } else if (id === null) await open();
    else await settleIn();
  }

  async function open(): Promise<void> {
    const stored = await storedConversation(context.directory);
    const place = { cwd: context.workspace, mcpServers: options.hasToolsOfItsOwn ? [] : toolServers(context) };
    if (stored !== null && canLoad) await request(HANDSHAKE.load, 'session/load', { sessionId: stored, ...place });
    else await request(HANDSHAKE.create, 'session/new', place);
  }

  /** Stored before its first prompt, so that no prompt is ever in a conversation that nobody remembers. */
  async function settleIn(): Promise<void> {
    const resumed = (await storedConversation(context.directory)) !== null;
    if (id === null) return;
    await storeConversation(context.directory, id);
    if (mode.id !== null) await request(HANDSHAKE.mode, 'session/set_mode', { sessionId: id, modeId: mode.id });
    else becomeReady(resumed && isNew ? `it cannot resume a conversation, and began a new one` : undefined);
  }

  function becomeReady(reason?: string): void {
    isReady = true;
    options.onReady(reason);
  }

  function takeOpened(loaded: boolean, result: Json, error: RpcError | null): void {
    if (error && loaded) {
      // Nothing was ever said in it, or the agent has lost it: the next start must not fail on it again.
      if (isLive()) inBackground(forgetConversation(context.directory).then(open));
      return;
    }
    if (error) return breakDown(error);
    isNew = !loaded;
    mode = chooseMode(context.permissionMode, result);
    const created = text(result['sessionId']);
    if (isLive()) inBackground(use(loaded ? storedConversation(context.directory) : created));
    else if (!loaded) id = created;
  }

  async function use(opened: string | Promise<string | null>): Promise<void> {
    id = await opened;
    if (id !== null) await options.onOpened(id);
    await settleIn();
  }

  return {
    get id() {
      return id;
    },
    get isReady() {
      return isReady;
    },
    /** It was begun by this program, and nothing was said in it. */
    get isNew() {
      return isNew;
    },
    /** What the mode answers without asking a person. */
    answerTo: (kind: string | undefined) => mode.answerTo(kind),
    shakeHands,

    takeAnswer({ id: answered, result, error }: Extract<AcpEvent, { type: 'answered' }>): void {
      if (answered.startsWith(HANDSHAKE.initialize)) {
        if (error) return breakDown(error);
        const first = !initialized;
        initialized = true;
        canLoad = object(result['agentCapabilities'])['loadSession'] === true;
        if (isLive() && first) inBackground(shakeHands());
      } else if (answered.startsWith(HANDSHAKE.create)) takeOpened(false, result, error);
      else if (answered.startsWith(HANDSHAKE.load)) takeOpened(true, result, error);
      else if (answered.startsWith(HANDSHAKE.mode)) {
        if (error) return breakDown(error);
        if (isLive()) becomeReady();
        else isReady = true;
      }
    },

    /** A prompt has gone. */
    begin(): void {
      isNew = false;
    },
  };
}

function toolServers({ tools }: LaunchContext): object[] {
  if (!tools) return [];
  const headers = [{ name: 'Authorization', value: `Bearer ${tools.token}` }];
  return [{ type: 'http', name: 'pointsman', url: tools.url, headers }];
}

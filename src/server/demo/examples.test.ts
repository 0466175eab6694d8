/** The examples are what newcomers copy from: they must be valid, and do what they say. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { WorkflowDocument } from '../../contract/workflow-document.ts';
import { scriptedExecution } from '../../domain/settle/scripted-execution.ts';
import { validateWorkflow } from '../../domain/workflow/validate-workflow.ts';
import { parseAgentDefinition } from './agent-definition.ts';
import { STARTER_TEAM } from './starter-team.ts';

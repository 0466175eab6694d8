export { formatDuration } from './format.js';
export { parseIso, toIso } from './iso.js';
export { parseDuration } from './parse.js';

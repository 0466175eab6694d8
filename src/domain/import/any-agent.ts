/** Who gets a prompt that was written for a model: nobody by name, so that a person decides which agents have it. */
export const ANY_AGENT = { capability: 'general' };

export const ABOUT_AGENTS =
  'Prompts go to an agent with the capability “general”: give it to one of yours, or name others in the nodes.';

/** After the instructions of a node in which a model chooses a way. */
export const ABOUT_CHOICE = 'Answer with JSON: in "next", the one of the given texts that fits.';

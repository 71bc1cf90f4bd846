import { Compile, type Validator } from 'typebox/compile';
import { PloinkyError } from '../errors/ploinky-error.ts';
import { catalogue, type PloinkyDraft } from './catalogue.ts';

const validators = new Map<string, Validator>();

/**
 * Every event passes here on its way to the log: what does not fit its schema is a defect and is not stored.
 * @throws PloinkyError EVENT_INVALID
 */
export function validate(draft: PloinkyDraft): void {
  let validator = validators.get(draft.type);
  if (!validator) {
    const definition = catalogue.find((d) => d.type === draft.type);
    if (!definition) throw new PloinkyError('EVENT_INVALID', `There is no event type "${draft.type}".`);
    validator = Compile(definition.schema) as unknown as Validator;
    validators.set(draft.type, validator);
  }
  if (validator.Check(draft.data)) return;
  const first = validator.Errors(draft.data)[0];
  const where = first ? `${first.instancePath || '/'} ${first.message}` : 'data';
  throw new PloinkyError('EVENT_INVALID', `${draft.type} does not fit its schema: ${where}.`);
}

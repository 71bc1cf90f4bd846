import { Type } from 'typebox';

export const MomentText = (description: string) =>
  Type.String({
    minLength: 1,
    maxLength: 40,
    description: `${description}: a seq, head, an ISO 8601 time, or a span back from now such as 10m`,
  });

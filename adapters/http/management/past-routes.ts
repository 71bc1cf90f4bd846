import type { TObject } from 'typebox';
import { Type } from 'typebox';
import type { Question } from '../../../history/question.ts';
import { questions } from '../../../history/questions.ts';
import type { App } from '../fastify-types.ts';
import type { Surroundings } from '../surroundings.ts';
import { operation } from './schemas.ts';

/** Each question about the past at an address of its own. */
export function pastRoutes(app: App, { cloud }: Surroundings): void {
  for (const [name, question] of Object.entries(questions) as [string, Question<TObject>][]) {
    app.get(
      `/management/api/past/${name}`,
      {
        schema: {
          ...operation('history', question.summary, { 200: Type.Unknown() }),
          querystring: question.args,
        },
      },
      (request) => question.answer(cloud.past(), request.query),
    );
  }
}

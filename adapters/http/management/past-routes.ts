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
    const schema = operation('history', question.summary, { 200: Type.Unknown() });
    const url = `/management/api/past/${name}`;
    if (question.method === 'POST') {
      app.post(url, { schema: { ...schema, body: question.args } }, (request) => {
        return question.answer(cloud.past(), request.body);
      });
    } else {
      app.get(url, { schema: { ...schema, querystring: question.args } }, (request) => {
        return question.answer(cloud.past(), request.query);
      });
    }
  }
}

import 'reflect-metadata';
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import { type Application, createParts, type Parts, type Settings, serve } from './parts.ts';

/** A controller like any other. Node runs TypeScript without decorators: here they are called by hand, below. */
class Pages {
  welcome() {
    return 'Welcome';
  }

  contact(fields: object) {
    return fields;
  }
}
const decorate = (name: keyof Pages, ...decorators: MethodDecorator[]) =>
  Reflect.decorate(decorators, Pages.prototype, name, Object.getOwnPropertyDescriptor(Pages.prototype, name));
Controller()(Pages);
decorate('welcome', Get());
decorate('contact', Post('contact'), HttpCode(200));
Body()(Pages.prototype, 'contact', 0);

class Module {}

export async function createApplication(settings: Settings, parts?: Parts): Promise<Application> {
  const { server, authorization, mcp, path } = await createParts(settings, parts);
  const app = await NestFactory.create<NestExpressApplication>(
    { module: Module, controllers: [Pages] },
    { logger: ['error', 'warn'] },
  );
  // Before Nest's own body parsers, which it adds when it is initialised. Guards, pipes and filters see nothing of it.
  app.use(helmet(), authorization);
  app.use(path, mcp);
  await app.init();
  return { http: app.getHttpServer(), server };
}

if (import.meta.main) serve(await createApplication(process.env));

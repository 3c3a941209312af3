// Loaded before everything else (`node --import`): a machine whose clock goes wrong by so many seconds.
const RealDate = Date;
const shiftMs = Number(process.env.CLOCK_SHIFT) * 1000;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now() + shiftMs] : given));
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
};

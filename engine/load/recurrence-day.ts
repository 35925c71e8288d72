import type { Day } from '../base/day.ts';

const MILLIS = 86_400_000;

/** A day, with what a recurrence rule asks about it. Months and days count from 1; Sunday is weekday 0. */
export class CalendarDay {
  /** Its number since 1970-01-01. */
  readonly ordinal: number;
  readonly year: number;
  readonly month: number;
  readonly monthDay: number;
  readonly weekday: number;

  private constructor(ordinal: number) {
    const date = new Date(ordinal * MILLIS);
    this.ordinal = ordinal;
    this.year = date.getUTCFullYear();
    this.month = date.getUTCMonth() + 1;
    this.monthDay = date.getUTCDate();
    this.weekday = date.getUTCDay();
  }

  static of(day: Day): CalendarDay {
    return new CalendarDay(Date.parse(`${day}T00:00:00Z`) / MILLIS);
  }

  /** The first day of a month; the thirteenth is January of the next year. */
  static at(year: number, month: number): CalendarDay {
    // Date.UTC takes a year below 100 for one of the last century.
    return new CalendarDay(new Date(0).setUTCFullYear(year, month - 1, 1) / MILLIS);
  }

  plus(days: number): CalendarDay {
    return new CalendarDay(this.ordinal + days);
  }

  get monthLength(): number {
    return CalendarDay.at(this.year, this.month + 1).ordinal - CalendarDay.at(this.year, this.month).ordinal;
  }

  get yearDay(): number {
    return this.ordinal - CalendarDay.at(this.year, 1).ordinal + 1;
  }

  get yearLength(): number {
    return CalendarDay.at(this.year + 1, 1).ordinal - CalendarDay.at(this.year, 1).ordinal;
  }

  startOfWeek(weekStart: number): CalendarDay {
    return this.plus(-((this.weekday - weekStart + 7) % 7));
  }

  /** Its week, of how many. A week belongs to the year that has four of its days, and so its fourth. */
  week(weekStart: number): { readonly number: number; readonly count: number } {
    const { yearDay, yearLength } = this.startOfWeek(weekStart).plus(3);
    const fourthOfFirst = ((yearDay - 1) % 7) + 1;
    return { number: Math.ceil(yearDay / 7), count: Math.floor((yearLength - fourthOfFirst) / 7) + 1 };
  }

  toString(): Day {
    return new Date(this.ordinal * MILLIS).toISOString().slice(0, 10);
  }
}

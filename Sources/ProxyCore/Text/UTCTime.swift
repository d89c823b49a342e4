// SPDX-License-Identifier: Apache-2.0

/// A time of the calendar as text.
public enum UTCTime {
    private static let daysOfEra = 146_097

    /// Writes a time as RFC 3339 has it, with nanoseconds: `2022-08-23T20:28:20.071809491Z`.
    public static func text(unixNanos: UInt64) -> String {
        let seconds = Int(unixNanos / 1_000_000_000)
        let (day, second) = (seconds / 86_400, seconds % 86_400)
        let (year, month, dayOfMonth) = date(day)
        let (hour, minute) = (second / 3600, second / 60 % 60)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))T"
            + "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second % 60, 2))."
            + "\(padded(Int(unixNanos % 1_000_000_000), 9))Z"
    }

    /// The date of a day since 1970-01-01.
    ///
    /// Years are counted from March, so that a leap day is the last of its year, in eras of 400.
    private static func date(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let sinceMarch0 = day + 719_468
        let (era, dayOfEra) = (sinceMarch0 / daysOfEra, sinceMarch0 % daysOfEra)
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (
            era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

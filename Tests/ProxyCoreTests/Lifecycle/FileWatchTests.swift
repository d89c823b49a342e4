// SPDX-License-Identifier: Apache-2.0

import ProxyCore
import Testing

@Suite("File watch")
struct FileWatchTests {
    private static let milli: UInt64 = 1_000_000
    private static let second = 1000 * milli

    private static func stamp(_ size: Int, inode: UInt64 = 1) -> FileStamp {
        FileStamp(inode: inode, size: size, seconds: 0, nanos: 0)
    }

    /// Looks as often as the machine asks for, and reads what is due.
    private struct Reader {
        var watch = FileWatch(taken: FileWatchTests.stamp(0))
        /// Milliseconds that one reading takes.
        var costMillis: UInt64 = 0
        var readings: [(millis: Int, stamp: FileStamp)] = []
        var looks = 0
        /// A file on which no reading succeeds: it changes in the middle of each.
        var isTorn = false

        /// `file` says what the file is at so many milliseconds.
        mutating func run(from: UInt64 = 0, to end: UInt64, file: (Int) -> FileStamp?) {
            var now = from * milli
            while now < end * milli {
                let stamp = file(Int(now / milli))
                looks += 1
                if case .due(let due) = watch.look(stamp, now: now) {
                    #expect(due == stamp)
                    readings.append((Int(now / milli), due))
                    let start = now
                    now += costMillis * milli
                    watch.took(isTorn ? nil : due, start: start, now: now)
                }
                now += watch.pauseNanos(now: now)
            }
        }
    }

    @Test func looksSeldomAtAFileThatRests() {
        var reader = Reader()
        reader.run(to: 60_000) { _ in Self.stamp(0) }
        #expect(reader.readings.isEmpty)
        #expect(reader.looks == 120)
        // And again when a change is long past.
        var second = Reader()
        second.run(to: 10_000) { Self.stamp($0 < 100 ? 0 : 1, inode: 2) }
        #expect(second.looks < 130)
    }

    /// It is whole: two looks that agree are enough.
    @Test(arguments: [1, 499, 500, 501, 999])
    func readsAReplacedFileAtOnce(atMillis: Int) throws {
        var reader = Reader()
        reader.run(to: 3000) { $0 < atMillis ? Self.stamp(0) : Self.stamp(0, inode: 2) }
        #expect(reader.readings.count == 1)
        let first = try #require(reader.readings.first)
        #expect(first.millis - atMillis <= 520)
    }

    @Test func waitsUntilAFileThatIsWrittenRests() throws {
        var reader = Reader()
        // A part every 40 milliseconds until 1800.
        reader.run(to: 4000) { Self.stamp(min(max($0 - 1600, 0), 200) / 40) }
        #expect(reader.readings.count == 1)
        let first = try #require(reader.readings.first)
        #expect(first.stamp == Self.stamp(5))
        #expect((2050...2300).contains(first.millis))
    }

    /// What makes a file in a new place is written there too, when it is not moved there.
    @Test func waitsForANewFileThatGrows() throws {
        var reader = Reader()
        reader.run(to: 4000) { millis in
            millis < 980 ? Self.stamp(9) : Self.stamp(min((millis - 980) / 15, 20), inode: 2)
        }
        // The file of the start was another one, of size 0.
        #expect(reader.readings.map(\.stamp) == [Self.stamp(9), Self.stamp(20, inode: 2)])
    }

    @Test func readsWithinASecondWhatNeverRests() {
        for isReplaced in [false, true] {
            var reader = Reader()
            reader.run(to: 20_000) { millis in
                guard millis >= 10 else { return Self.stamp(0) }
                return Self.stamp(millis, inode: isReplaced ? UInt64(millis) : 1)
            }
            var last = 10
            for reading in reader.readings {
                #expect(reading.millis - last <= 1000, "\(reading) after \(last)")
                last = reading.millis
            }
            #expect(20_000 - last <= 1000)
        }
    }

    /// Ten replacements a second are ten readings, whatever else they are called between them.
    @Test(arguments: [UInt64(1), 2]) func readsEachOfTenReplacementsASecond(inodes: UInt64) {
        var reader = Reader()
        reader.costMillis = 3
        reader.run(to: 12_000) { millis in
            let count = max(millis - 1000, 0) / 100
            // A file system may give the number of a file that is gone to the next one.
            return Self.stamp(count, inode: inodes == 1 ? UInt64(count) : UInt64(count) % 2)
        }
        #expect(reader.readings.count >= 105)
        let stamps = reader.readings.map(\.stamp)
        #expect(zip(stamps, stamps.dropFirst()).allSatisfy { $0 != $1 })
    }

    @Test func readsNotMoreThanTenOfAThousandReplacementsASecond() {
        var reader = Reader()
        reader.run(to: 10_000) { Self.stamp($0, inode: UInt64($0)) }
        #expect((80...101).contains(reader.readings.count))
    }

    /// Half of the time at most goes into it.
    @Test func pausesAfterALongReading() {
        var reader = Reader()
        reader.costMillis = 200
        reader.run(to: 20_000) { Self.stamp($0, inode: UInt64($0)) }
        #expect((38...50).contains(reader.readings.count))
    }

    @Test func readsAgainWhatChangedWhileItWasRead() {
        var reader = Reader()
        reader.isTorn = true
        reader.costMillis = 1
        reader.run(to: 2000) { Self.stamp($0 < 10 ? 0 : 1) }
        let readings = reader.readings.count
        #expect(readings > 10)
        reader.isTorn = false
        reader.run(from: 2000, to: 4000) { _ in Self.stamp(1) }
        #expect(reader.readings.count == readings + 1)
    }

    @Test func keepsWhatItHasWhenTheFileGoesOrIsAsItWas() {
        var reader = Reader()
        reader.run(to: 5000) { $0 < 600 ? Self.stamp(0) : nil }
        // Put there again, and then moved back in time to be replaced.
        reader.run(from: 5000, to: 9000) { $0 < 5100 ? Self.stamp(1) : Self.stamp(0) }
        #expect(reader.readings.isEmpty)
        #expect(!reader.watch.isChanging)
        reader.run(from: 9000, to: 12_000) { _ in Self.stamp(0, inode: 7) }
        #expect(reader.readings.map(\.stamp) == [Self.stamp(0, inode: 7)])
    }
}

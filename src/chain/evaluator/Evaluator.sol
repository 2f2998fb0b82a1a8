// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Judges a catalogue of invariants inside one eth_call, and answers with verdicts rather than values. It runs by state
/// override, or deployed, and has no state and no power either way.
///
/// Asked with: gas for each read (4 bytes) | where in the catalogue the first entry starts (3) | entries to judge (3) |
/// pieces (1), and 0x80 where every value is to be told | an address for each piece, whose code is 00 and a part of the
/// catalogue (20 each) | the catalogue's rest.
///
/// An entry: its length (2 bytes) | flags (1): 0x80 its value is signed, 0x40 its value is told always, 0x20 it has a second
/// limit, 0x01 it is plain | verdicts (2), 2 bits each from the lowest: below, at and above the first limit, or below the
/// first, at it, between them, at the second, above it | 32 - n (1) | the first limit, big-endian, two's complement (n) |
/// operations | where there is one the second limit, above the first (n), and n (1).
/// A plain one, which most are and which takes a third of the time: length, flags and verdicts as above | bits of an
/// unsigned integer, less 1 (1) | address (20) | size (2) | calldata (size) | 32 - n (1) | the limit (n, 31 at most).
///
/// Operations work on a stack of 256-bit words; what stands there at the end is the value.
///   01 flags bits address | size (2) | calldata (size): a word of what the call answers
///   02 flags bits address | size (2) | selector (4), and the words after it without the zeros they begin with: n (1), bytes
///      flags: 0x80 signed; 0x20 it stands at the left, as bytesn does; 0x40 at the end comes which word of the answer (1
///      byte), and how many it has at least (1). bits: how many it has, less 1. Another word than such a one is no answer.
///   03 address: balance.  04 address: EXTCODEHASH.  05: the block's time.  06 n (1), bytes (n): that number
///   07 flags: a - b; 0x02 a is signed, 0x01 b is signed; the result is.  08 flags: a * 10,000 / b, towards zero, the same
///      flags, signed where either is.  09 n: 1 where a and b have the same lowest n bytes, and 0.
///
/// Answers: entries judged (4 bytes) | values told (4) | the block's time (8) | gas used (8) | 8 zeros | verdicts, 2 bits
/// each from the highest, filled up to words: 0 error, 1 pass, 2 fail, 3 inconclusive | values: which entry (4), the word
/// (32). It stops before an entry that it has not the gas for; whoever asked goes on from there.
contract Evaluator {
    fallback() external {
        assembly {
            // Memory: 0x00 an answer's word or a value, 0x20 gas for a read, 0x40 gas there must be before one, 0x60 gas at the
            // start, 0x80 where values begin, 0xa0 whether all are told, 0xc0 where the answer begins, 0x100 to 0x200 stack,
            // 0x200 calldata that was packed, 0x2200 catalogue, then the answer.
            function integer(p) -> value, next {
                let size := byte(0, mload(p))
                value := shr(shl(3, sub(32, size)), mload(add(p, 1)))
                next := add(add(p, 1), size)
            }

            function unpacked(p, size) -> next {
                mstore(0x200, mload(p))
                next := add(p, 4)
                for { let to := 0x204 } lt(to, add(0x200, size)) { to := add(to, 32) } {
                    let word
                    word, next := integer(next)
                    mstore(to, word)
                }
            }

            function typed(word, flags, bits) -> ok, value {
                value := word
                switch and(flags, 0xa0)
                case 0 { ok := iszero(shr(bits, word)) }
                case 0x20 {
                    value := shr(sub(256, bits), word)
                    ok := eq(shl(sub(256, bits), value), word)
                }
                default { ok := eq(signextend(sub(shr(3, bits), 1), word), word) }
            }

            // `ok` is 2 where gas runs short.
            function readOperation(p) -> ok, value, next {
                let head := mload(p)
                let size := and(shr(56, head), 0xffff)
                let input := add(p, 25)
                switch byte(0, head)
                case 1 { next := add(input, size) }
                default {
                    next := unpacked(input, size)
                    input := 0x200
                }
                let from := 0
                let least := 32
                if and(byte(1, head), 0x40) {
                    from := shl(5, byte(0, mload(next)))
                    least := shl(5, byte(1, mload(next)))
                    next := add(next, 2)
                }
                if lt(gas(), mload(0x40)) {
                    ok := 2
                    leave
                }
                if iszero(staticcall(mload(0x20), shr(72, head), input, size, 0, 0)) { leave }
                if lt(returndatasize(), least) { leave }
                returndatacopy(0, from, 32)
                ok, value := typed(mload(0), byte(1, head), add(byte(2, head), 1))
            }

            // The result as 512 bits, and whether 256 hold it.
            function minus(a, b, flags) -> ok, value {
                value := sub(a, b)
                let high := sub(mul(and(flags, 1), shr(255, b)), mul(shr(1, flags), shr(255, a)))
                ok := eq(sub(high, lt(a, b)), sar(255, value))
            }

            function bps(a, b, flags) -> ok, value {
                let isNegative := 0
                if and(shr(1, flags), shr(255, a)) {
                    a := sub(0, a)
                    isNegative := 1
                }
                if and(and(flags, 1), shr(255, b)) {
                    b := sub(0, b)
                    isNegative := iszero(isNegative)
                }
                if and(iszero(iszero(b)), iszero(gt(a, div(not(0), 10000)))) {
                    value := div(mul(a, 10000), b)
                    ok := or(iszero(flags), iszero(shr(255, value)))
                    if isNegative { value := sub(0, value) }
                }
            }

            // Below, at or above: 0, 1 or 2.
            function region(value, limit) -> found {
                found := add(gt(value, limit), iszero(lt(value, limit)))
            }

            // The value on top of the stack is in `value`.
            function run(p, end) -> ok, value {
                ok := 1
                for { let top := 0x100 } and(eq(ok, 1), lt(p, end)) {} {
                    let head := mload(p)
                    let operation := byte(0, head)
                    if lt(operation, 7) {
                        mstore(top, value)
                        top := add(top, 32)
                    }
                    switch lt(operation, 3)
                    case 1 { ok, value, p := readOperation(p) }
                    default {
                        p := add(p, 1)
                        switch operation
                        case 3 {
                            value := balance(shr(88, head))
                            p := add(p, 20)
                        }
                        case 4 {
                            value := extcodehash(and(shr(88, head), sub(shl(160, 1), 1)))
                            p := add(p, 20)
                        }
                        case 5 { value := timestamp() }
                        case 6 { value, p := integer(p) }
                        default {
                            top := sub(top, 32)
                            p := add(p, 1)
                            switch operation
                            case 7 { ok, value := minus(mload(top), value, byte(1, head)) }
                            case 8 { ok, value := bps(mload(top), value, byte(1, head)) }
                            default {
                                let unseen := sub(256, shl(3, byte(1, head)))
                                value := eq(shl(unseen, mload(top)), shl(unseen, value))
                            }
                        }
                    }
                }
            }

            // 4 where gas runs short. The value is left in memory, at 0.
            function judged(p, entry) -> verdict {
                let end := add(p, shr(240, entry))
                let second := 0
                if and(byte(2, entry), 0x20) {
                    let size := byte(31, mload(sub(end, 32)))
                    second := and(mload(sub(end, 33)), sub(shl(shl(3, size), 1), 1))
                    end := sub(sub(end, 1), size)
                }
                let ok, value := run(sub(add(p, 38), byte(5, entry)), end)
                switch ok
                case 1 {
                    mstore(0, value)
                    // Signed numbers are in order once their highest bit is turned.
                    let bias := shl(255, shr(7, byte(2, entry)))
                    value := xor(value, bias)
                    let at := region(value, xor(shr(shl(3, byte(5, entry)), mload(add(p, 6))), bias))
                    if and(byte(2, entry), 0x20) { at := add(at, region(value, xor(second, bias))) }
                    verdict := and(shr(shl(1, at), shr(216, entry)), 3)
                }
                case 2 { verdict := 4 }
            }

            mstore(0x60, gas())
            let p := 0x2200
            let count
            let place
            {
                let head := calldataload(0)
                let share := shr(224, head)
                mstore(0x20, share)
                // The EVM keeps a 64th back, and what follows the call needs some.
                mstore(0x40, add(add(share, div(share, 60)), 20000))
                mstore(0xa0, and(shr(1, byte(10, head)), 0x40))
                count := and(shr(176, head), 0xffffff)
                place := p
                let from := 11
                for { let pieces := and(byte(10, head), 0x7f) } pieces { pieces := sub(pieces, 1) } {
                    let piece := shr(96, calldataload(from))
                    let size := extcodesize(piece)
                    if iszero(size) { revert(0, 0) }
                    extcodecopy(piece, place, 1, sub(size, 1))
                    place := add(place, sub(size, 1))
                    from := add(from, 20)
                }
                calldatacopy(place, from, sub(calldatasize(), from))
                // 64 zeros: a word may be read across the end.
                place := add(add(place, sub(calldatasize(), from)), 64)
                p := add(p, and(shr(200, head), 0xffffff))
            }
            mstore(0xc0, place)
            place := add(place, 32)
            let values := add(place, shl(5, shr(7, add(count, 127))))
            mstore(0x80, values)
            let verdicts := 0
            let index := 0
            for {} lt(index, count) {} {
                if lt(gas(), mload(0x40)) { break }
                let entry := mload(p)
                let verdict := 0
                switch and(byte(2, entry), 1)
                case 0 {
                    verdict := judged(p, entry)
                    if eq(verdict, 4) { break }
                }
                default {
                    let size := and(shr(32, entry), 0xffff)
                    if staticcall(mload(0x20), shr(48, entry), add(p, 28), size, 0, 32) {
                        let value := mload(0)
                        if iszero(or(lt(returndatasize(), 32), shr(add(byte(5, entry), 1), value))) {
                            let limit := mload(add(add(p, 28), size))
                            limit := shr(shl(3, byte(0, limit)), shl(8, limit))
                            let at := add(gt(value, limit), iszero(lt(value, limit)))
                            verdict := and(shr(shl(1, at), shr(216, entry)), 3)
                        }
                    }
                }
                p := add(p, shr(240, entry))
                verdicts := or(shl(2, verdicts), verdict)
                if or(eq(verdict, 2), and(or(byte(2, entry), mload(0xa0)), 0x40)) {
                    if verdict {
                        mstore(values, shl(224, index))
                        mstore(add(values, 4), mload(0))
                        values := add(values, 36)
                    }
                }
                index := add(index, 1)
                if iszero(and(index, 127)) {
                    mstore(place, verdicts)
                    place := add(place, 32)
                    verdicts := 0
                }
            }
            if and(index, 127) { mstore(place, shl(sub(256, shl(1, and(index, 127))), verdicts)) }
            let counts := or(shl(224, index), shl(192, div(sub(values, mload(0x80)), 36)))
            mstore(mload(0xc0), or(counts, or(shl(128, timestamp()), shl(64, sub(mload(0x60), gas())))))
            return(mload(0xc0), sub(values, mload(0xc0)))
        }
    }
}

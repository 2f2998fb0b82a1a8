// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Put in place of a sender's code for one eth_call, it makes many calls as that sender and says what came of each. A call
/// that may change something is made inside one that always reverts, so that the next finds the state untouched.
///
/// Written by hand, because a node runs it for every one of thousands of calls: its own steps are to be few beside theirs.
///
/// Much of what is called is alike, so everything is told once. It is told: 1 byte (1: answers, 2: attempts), 2 bytes of how
/// many calls, 2 of how many targets, 3 of how many words, 2 of how many tails, and then: targets, 20 bytes each; words, 32
/// bytes each; tails, 3 bytes of a length and 3 for each word of so much, which word it is; calls, 9 bytes each: 2 which
/// target, 2 which tail, 1 of how many of the next 4 the call's data begins with before its tail.
///
/// Answers: for each call 4 bytes of how many follow, and a byte of 1 and what the call gave, or nothing where it failed.
/// Attempts: a byte for each call. 0: fails. 1: succeeds without changing anything. 2: succeeds, and may change something.
/// 3: as 1, and took 2,900 gas or more.
///
/// A call that must not change anything can still succeed where it catches that something inside it was not allowed to. What
/// was not allowed has then used up all gas that it was given, which is no less than what a change takes: 2,900 gas for a
/// storage slot that is not zero, and more for all else (EIP-2200, EIP-2929). Whatever takes so much is made once more, and
/// then so that it may change something: without a change, both take the same gas. Code that is written to notice the ban by
/// something cheaper, and behaves then, is not found out.
contract Prober {
    /// Whoever pays or tells the sender something succeeds, as with an account that has no code.
    fallback() external payable {
        assembly {
            // Gas for each question: half a block. For each try: a loop without end must not use up what the others need.
            function share(kind) -> amount {
                amount := 30000000
                if eq(kind, 4) { amount := 3000000 }
            }

            if iszero(eq(caller(), address())) { stop() }
            let kind := byte(0, calldataload(0))

            // Itself again, for one call: 1 byte (3 or 4), 20 of the address, its data. Always reverts, with what came of it.
            if gt(kind, 2) {
                let length := sub(calldatasize(), 21)
                calldatacopy(0, 21, length)
                let to := shr(96, calldataload(1))
                let allowed := share(kind)
                let before := gas()
                let success := call(allowed, to, 0, 0, length, 0, 0)
                let used := sub(before, gas())
                mstore8(0, success)
                if eq(kind, 4) {
                    mstore(1, used)
                    revert(0, 33)
                }
                returndatacopy(1, 0, returndatasize())
                revert(0, add(returndatasize(), 1))
            }

            let head := calldataload(0)
            let words := add(10, mul(20, and(0xffff, shr(216, head))))
            let at := add(words, shl(5, and(0xffffff, shr(192, head))))
            // From 64 on, for each tail where it stands and its length; then the tails, each with room for what goes before it.
            let place := add(64, shl(5, and(0xffff, shr(176, head))))
            {
                let behind := place
                for { let entry := 64 } lt(entry, behind) { entry := add(entry, 32) } {
                    place := add(place, 32)
                    let length := shr(232, calldataload(at))
                    at := add(at, 3)
                    mstore(entry, or(shl(128, place), length))
                    for { let last := add(place, length) } lt(place, last) { place := add(place, 32) } {
                        mstore(place, calldataload(add(words, shl(5, shr(232, calldataload(at))))))
                        at := add(at, 3)
                    }
                }
            }
            let end := add(at, mul(9, and(0xffff, shr(232, head))))
            let results := place
            let next := results
            for {} lt(at, end) { at := add(at, 9) } {
                let one := calldataload(at)
                let to := shr(96, calldataload(add(10, mul(20, shr(240, one)))))
                let length := mload(add(64, shl(5, and(0xffff, shr(224, one)))))
                let from := shr(128, length)
                {
                    // Right before the tail: what it is told itself, the address, and the first bytes of the data.
                    let bits := shl(3, byte(4, one))
                    let first := shr(sub(32, bits), and(0xffffffff, shr(184, one)))
                    mstore(sub(from, 32), or(or(shl(add(160, bits), add(kind, 2)), shl(bits, to)), first))
                }
                from := sub(from, byte(4, one))
                length := add(and(length, 0xffffff), byte(4, one))

                switch kind
                case 1 {
                    pop(call(gas(), address(), 0, sub(from, 21), add(length, 21), 0, 0))
                    let size := 0
                    // Nothing comes back only where the gas was not enough.
                    if returndatasize() {
                        returndatacopy(0, 0, 1)
                        size := mul(returndatasize(), byte(0, mload(0)))
                    }
                    mstore(next, shl(224, size))
                    returndatacopy(add(next, 4), 0, size)
                    next := add(next, add(4, size))
                }
                default {
                    let allowed := share(4)
                    let before := gas()
                    let verdict := staticcall(allowed, to, from, length, 0, 0)
                    let used := sub(before, gas())
                    let isLong := gt(used, 2899)
                    // What was cold is warm the second time.
                    if and(verdict, isLong) {
                        before := gas()
                        verdict := staticcall(allowed, to, from, length, 0, 0)
                        used := sub(before, gas())
                    }
                    if or(iszero(verdict), gt(used, 2899)) {
                        mstore(1, 0)
                        pop(call(gas(), address(), 0, sub(from, 21), add(length, 21), 0, 33))
                        // Nothing comes back only where the gas was not enough. That call's own steps take 7 gas more.
                        let isSame := and(verdict, eq(mload(1), add(used, 7)))
                        verdict := mul(sub(2, isSame), mul(gt(returndatasize(), 0), byte(0, mload(0))))
                    }
                    mstore8(next, add(verdict, mul(2, and(isLong, eq(verdict, 1)))))
                    next := add(next, 1)
                }
            }
            return(results, sub(next, results))
        }
    }
}

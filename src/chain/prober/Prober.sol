// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Put in place of a sender's code for one eth_call, it makes many calls as that sender and says what came of each. A call
/// that may change something is made inside one that always reverts, so that the next finds the state untouched.
///
/// Calls are packed, 27 bytes each: 20 of the address, 1 of how many of the next count, 4 with which the data begins, and 2
/// of the place of the rest among the tails, which many calls share.
contract Prober {
    uint256 private constant SIZE = 27;
    /// Gas for each try: a loop without end must not use up what the others need.
    uint256 private constant TRY = 3_000_000;
    /// Gas for each question: half a block.
    uint256 private constant QUESTION = 30_000_000;

    /// 0: fails. 1: succeeds without changing anything. 2: succeeds only because it may change state.
    function attempts(bytes calldata calls, bytes[] calldata tails) external returns (bytes memory verdicts) {
        verdicts = new bytes(calls.length / SIZE);
        for (uint256 i = 0; i < verdicts.length; i++) {
            (address to, bytes memory data) = callAt(calls, tails, i);
            (bool reads,) = to.staticcall{gas: TRY}(data);
            if (reads) {
                verdicts[i] = 0x01;
                continue;
            }
            (bool changes,) = undone(to, data, TRY);
            if (changes) verdicts[i] = 0x02;
        }
    }

    /// Whoever pays the sender succeeds.
    receive() external payable {}

    /// Each answer begins with a byte: 1 where the call went through, and what it gave follows; 0 where it failed.
    function answers(bytes calldata calls, bytes[] calldata tails) external returns (bytes[] memory all) {
        all = new bytes[](calls.length / SIZE);
        for (uint256 i = 0; i < all.length; i++) {
            (address to, bytes memory data) = callAt(calls, tails, i);
            (bool success, bytes memory answer) = undone(to, data, QUESTION);
            all[i] = success ? abi.encodePacked(bytes1(0x01), answer) : abi.encodePacked(bytes1(0x00));
        }
    }

    function callAt(bytes calldata calls, bytes[] calldata tails, uint256 index)
        private
        pure
        returns (address to, bytes memory data)
    {
        bytes calldata one = calls[index * SIZE:(index + 1) * SIZE];
        to = address(bytes20(one[:20]));
        data = bytes.concat(one[21:21 + uint8(one[20])], tails[uint16(bytes2(one[25:]))]);
    }

    function undone(address to, bytes memory data, uint256 share) private returns (bool success, bytes memory answer) {
        try this.callAndRevert(to, data, share) {}
        catch (bytes memory said) {
            // Shorter only where the gas was not enough.
            if (said.length >= 96) (success, answer) = abi.decode(said, (bool, bytes));
        }
    }

    /// Always reverts, with what came of the call. It comes from this address, which is the sender's.
    function callAndRevert(address to, bytes calldata data, uint256 share) external {
        (bool success, bytes memory answer) = to.call{gas: share}(data);
        bytes memory said = abi.encode(success, answer);
        assembly {
            revert(add(said, 32), mload(said))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// Put in place of the code of one or more accounts for one eth_call, it tries out rows of calls that come from them. Within
/// a row each call finds what those before it left. A row is made inside a call that always reverts, so that the next row
/// finds the state untouched.
contract Tryout {
    struct Call {
        address from;
        address to;
        uint256 value;
        bytes data;
    }

    /// Gas for a row: a loop without end must not use up what the others need.
    uint256 private constant ROW = 12_000_000;
    /// What is left at the end of a row that ran out of gas is less: two calls keep 1/64 each.
    uint256 private constant SPENT = 400_000;

    /// Gas that is kept for the answer itself.
    uint256 private constant ANSWER = 3_000_000;

    /// An outcome is abi.encode(how many calls went through, what each gave and the one that failed); empty where a row failed
    /// because those before it had used up the gas.
    function tryOut(Call[][] calldata rows) external returns (bytes[] memory outcomes) {
        outcomes = new bytes[](rows.length);
        for (uint256 i = 0; i < rows.length; i++) {
            uint256 left = gasleft() > ANSWER ? gasleft() - ANSWER : 0;
            try this.row{gas: left < ROW ? left : ROW}(rows[i]) {}
            catch (bytes memory said) {
                outcomes[i] = said;
            }
        }
    }

    /// Always reverts, with its outcome.
    function row(Call[] calldata calls) external {
        bool isWhole = gasleft() > ROW - SPENT;
        bytes[] memory answers = new bytes[](calls.length);
        uint256 done;
        for (; done < calls.length; done++) {
            Call calldata one = calls[done];
            bool success;
            (success, answers[done]) = Tryout(payable(one.from)).act(one.to, one.value, one.data);
            if (success) continue;
            if (!isWhole && gasleft() < SPENT) revert();
            break;
        }
        bytes memory said = abi.encode(done, answers);
        assembly {
            revert(add(said, 32), mload(said))
        }
    }

    /// As this account.
    function act(address to, uint256 value, bytes calldata data) external returns (bool, bytes memory) {
        return to.call{value: value}(data);
    }

    function codeHash(address account) external view returns (bytes32) {
        return account.codehash;
    }

    /// Whoever pays the account succeeds.
    receive() external payable {}
}

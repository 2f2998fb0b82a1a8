// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Preconditions of a timelock batch
/// @notice Plain calls to put in front of an upgrade's own calls: if one does not hold, the whole batch reverts, whoever
/// executes it. Stateless, without owner and without funds: it can only refuse.
contract Preconditions {
    error TooEarly(uint256 time, uint256 blockTime);
    error TooLate(uint256 time, uint256 blockTime);
    error WrongChain(uint256 expected, uint256 actual);
    error WrongCode(address account, bytes32 expected, bytes32 actual);
    error NoAnswer(address target);
    error WrongAnswer(address target, bytes32 expectedHash, bytes32 actualHash);

    /// @notice Holds from `time` on: at `time` it holds already. In seconds, as block.timestamp is.
    function notBefore(uint256 time) external view {
        if (block.timestamp < time) revert TooEarly(time, block.timestamp);
    }

    /// @notice Holds up to `time`: at `time` it still holds. In seconds, as block.timestamp is.
    function notAfter(uint256 time) external view {
        if (block.timestamp > time) revert TooLate(time, block.timestamp);
    }

    /// @notice Holds on the chain with this id (EIP-155) only.
    function chain(uint256 id) external view {
        if (block.chainid != id) revert WrongChain(id, block.chainid);
    }

    /// @notice Holds while `account` has exactly this code (EXTCODEHASH, EIP-1052).
    function codeHash(address account, bytes32 expected) external view {
        bytes32 actual = account.codehash;
        if (actual != expected) revert WrongCode(account, expected, actual);
    }

    /// @notice Holds while a static call answers bytes of this keccak256. An account without code has no answer.
    function answer(address target, bytes calldata callData, bytes32 expectedHash) external view {
        if (target.code.length == 0) revert NoAnswer(target);
        (bool success, bytes memory returned) = target.staticcall(callData);
        if (!success) revert NoAnswer(target);
        bytes32 actualHash = keccak256(returned);
        if (actualHash != expectedHash) revert WrongAnswer(target, expectedHash, actualHash);
    }
}

